import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { LoadBalancer, validateLoadBalancer, WebAccessLoadBalancerOptions } from './load-balancer';
import { PEERS } from './peers';
import { validateTypes } from '../properties/property-types';
import type { AirflowService } from '../service/airflow-service';

/** Options of access by the private name. */
export interface WebAccessPrivateDnsOptions {
  /**
   * Who may connect to the web server: addresses (`Peer.ipv4('10.0.0.0/8')`), security groups, or what has some.
   *
   * @default - nobody but what `webServer.connections` allows
   */
  readonly allowFrom?: ec2.IConnectable[];
}

/**
 * How people get to the web server. `docs/web-access.md` says what is left to do.
 *
 * @example
 * declare const certificate: acm.ICertificate;
 *
 * new ServerlessAirflow(this, 'Airflow', {
 *   webAccess: WebAccess.loadBalancer({ domain: 'airflow.example.com', certificate, allowFrom: [ec2.Peer.ipv4('10.0.0.0/8')] }),
 * });
 */
export abstract class WebAccess {
  /**
   * By its private name, `http://webserver.airflow:8080`, from within the VPC and networks that are connected to it.
   *
   * @param options who may connect
   */
  public static privateDns(options: WebAccessPrivateDnsOptions = {}): WebAccess {
    return new PrivateDns(options);
  }

  /**
   * By an application load balancer with your certificate, under your domain name: HTTPS only, with a redirect from HTTP. What workers report to
   * (`/execution`) is not offered. A record of the domain name for `loadBalancer` of ServerlessAirflow is left to you.
   *
   * @param options certificate, domain name, who may connect
   */
  public static loadBalancer(options: WebAccessLoadBalancerOptions): WebAccess {
    return new BehindLoadBalancer(options);
  }

  /**
   * Variables of all components.
   *
   * @internal
   */
  public abstract readonly _environment: Record<string, string>;

  /**
   * Opens the way.
   *
   * @internal
   */
  public abstract _open(scope: Construct, webServer: AirflowService, vpc: ec2.IVpc): elbv2.ApplicationLoadBalancer | undefined;
}

class PrivateDns extends WebAccess {
  /** @internal */
  public readonly _environment = {};

  constructor(private readonly options: WebAccessPrivateDnsOptions) {
    super();
    validateTypes(options, { allowFrom: PEERS });
  }

  /** @internal */
  public _open(_scope: Construct, { connections }: AirflowService): undefined {
    this.options.allowFrom?.forEach(peer => connections.allowDefaultPortFrom(peer, 'people to web-server'));
  }
}

class BehindLoadBalancer extends WebAccess {
  /** @internal */
  public readonly _environment: Record<string, string>;

  constructor(private readonly options: WebAccessLoadBalancerOptions) {
    super();
    validateLoadBalancer(options);
    this._environment = {
      // in mails and in redirects
      AIRFLOW__API__BASE_URL: `https://${options.domain}`,
      AIRFLOW__FAB__COOKIE_SECURE: 'True',
    };
  }

  /** @internal */
  public _open(scope: Construct, webServer: AirflowService, vpc: ec2.IVpc): elbv2.ApplicationLoadBalancer {
    return new LoadBalancer(scope, 'LoadBalancer', { ...this.options, vpc, webServer }).loadBalancer;
  }
}
